package geecache.settings;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Looks settings up for one application. The first place that has a setting decides; within a place
 * the text for this application alone beats the text for all. Texts are taken as they are: there
 * are no expressions in them.
 */
final class SettingLookup {
  private final ApplicationPrefix application;
  private final List<SettingPlace> places;
  private final List<String> faults = new ArrayList<>();

  /** Reads the file that {@code places} name, if they name one. */
  SettingLookup(ApplicationPrefix application, SettingPlaces places) {
    this.application = application;
    List<SettingPlace> named = places.withoutFile();
    this.places =
        find(SettingFile.SETTING.name(), named)
            .filter(path -> !path.value().isEmpty())
            .flatMap(this::file)
            .map(places::with)
            .orElse(named);
  }

  private Optional<SettingPlace> file(SettingText path) {
    try {
      return Optional.of(SettingFile.read(path.value()));
    } catch (IllegalArgumentException unreadable) {
      faults.add(path.fault(SettingFile.SETTING.type(), String.valueOf(unreadable.getMessage())));
      return Optional.empty();
    }
  }

  /** Returns {@code setting} as it is written in the first place that has it. */
  Optional<SettingText> find(String setting) {
    return find(setting, places);
  }

  private Optional<SettingText> find(String setting, List<SettingPlace> places) {
    return places.stream()
        .flatMap(
            place ->
                application
                    .addTo(setting)
                    .flatMap(place::find)
                    .or(() -> place.find(setting))
                    .stream())
        .findFirst();
  }

  /** Returns a line for a file that cannot be read. */
  List<String> faults() {
    return List.copyOf(faults);
  }

  /** Returns the places, the file among them, in their order. */
  List<SettingPlace> places() {
    return places;
  }

  ApplicationPrefix application() {
    return application;
  }
}
