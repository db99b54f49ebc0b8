package geecache.spring;

import geecache.settings.Setting;
import geecache.settings.SettingTable;
import geecache.settings.SettingType;
import geecache.web.ConfiguredNode;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The settings that only applications of Spring have, beside those of every node. */
final class SpringSettingTable {
  private static final Pattern PACKAGE =
      Pattern.compile("[\\p{L}_$][\\p{L}\\p{N}_$]*(?:\\.[\\p{L}_$][\\p{L}\\p{N}_$]*)*");

  static final Setting<List<String>> PACKAGES =
      Setting.ofNode(
          "spring.packages",
          SettingType.list("names of packages, separated by commas", PACKAGE),
          "",
          "the packages whose classes the values of caches may be of, beside those of the"
              + " application (where `@SpringBootApplication` is)");
  static final Setting<Boolean> TRANSACTION_AWARE =
      Setting.ofNode(
          "spring.transaction-aware",
          SettingType.flag(),
          "true",
          "`false`: evicts and puts within a transaction do not wait for its commit");

  /** Those of this class, in the order in which they are documented. */
  static final List<Setting<?>> OWN = List.of(PACKAGES, TRANSACTION_AWARE);

  /** All that an application of Spring has. */
  static final SettingTable ALL =
      new SettingTable(
          Stream.concat(ConfiguredNode.settingTable().ofNode().stream(), OWN.stream()).toList(),
          ConfiguredNode.settingTable().ofEachGroup());

  private SpringSettingTable() {}
}
