package geecache.settings;

import java.util.List;
import java.util.stream.Stream;

/**
 * The places where an application's settings are written, in order: the first that has a setting
 * decides. One more place, the file of {@link SettingFile}, stands between the two lists.
 *
 * @param beforeFile the places that come before the file
 * @param afterFile the places that come after it
 */
public record SettingPlaces(List<SettingPlace> beforeFile, List<SettingPlace> afterFile) {
  /** Copies the lists. */
  public SettingPlaces {
    beforeFile = List.copyOf(beforeFile);
    afterFile = List.copyOf(afterFile);
  }

  /** Returns all places in their order, without the file. */
  List<SettingPlace> withoutFile() {
    return Stream.concat(beforeFile.stream(), afterFile.stream()).toList();
  }

  /** Returns all places in their order. */
  List<SettingPlace> with(SettingPlace file) {
    return Stream.of(beforeFile.stream(), Stream.of(file), afterFile.stream())
        .flatMap(places -> places)
        .toList();
  }
}
