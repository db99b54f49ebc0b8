package geecache.settings;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A small table of settings, and what is written for one application that has it. */
record Sample(
    String application,
    Map<String, String> first,
    Map<String, String> environment,
    Map<String, String> last) {
  static final Setting<Boolean> DEMO =
      Setting.ofNode("demo", SettingType.flag(), "false", "an example");
  static final Setting<String> SELF =
      Setting.ofNode("self", SettingType.text("a URL"), null, "the node's name");
  static final Setting<String> SECRET =
      Setting.ofNode("secret", SettingType.text("text").secret(), null, "shown to peers");
  static final Setting<Duration> PEER_TIMEOUT =
      Setting.ofNode("peer-timeout", SettingType.duration("500ms"), "1s", "how long to wait");
  static final Setting<String> SOURCE =
      Setting.ofEachGroup("source", SettingType.text("a source"), null, "where values come from");
  static final Setting<Duration> TTL =
      Setting.ofEachGroup("ttl", SettingType.duration("0"), "0", "how long a value lives")
          .alsoCalled("time-to-live")
          .alwaysShown();
  static final Setting<Duration> HOT_TTL =
      Setting.ofEachGroup("hot-ttl", SettingType.duration("0"), "30s", "how long a copy lives");

  static final SettingTable TABLE =
      new SettingTable(
          List.of(SettingFile.SETTING, DEMO, SELF, SECRET, PEER_TIMEOUT),
          List.of(SOURCE, TTL, HOT_TTL));

  static Sample of(String application) {
    return new Sample(application, Map.of(), Map.of(), Map.of());
  }

  Sample first(Map<String, String> texts) {
    return new Sample(application, texts, environment, last);
  }

  Sample environment(Map<String, String> variables) {
    return new Sample(application, first, variables, last);
  }

  Sample last(Map<String, String> texts) {
    return new Sample(application, first, environment, texts);
  }

  Sample with(String otherApplication) {
    return new Sample(otherApplication, first, environment, last);
  }

  private SettingPlaces places() {
    return new SettingPlaces(
        List.of(SettingPlace.of("first place", first), SettingPlace.environment(environment)),
        List.of(SettingPlace.of("last place", last)));
  }

  SettingLookup lookup() {
    return new SettingLookup(new ApplicationPrefix(application, TABLE), places());
  }

  Settings read() {
    return Settings.read(TABLE, application, places());
  }
}
