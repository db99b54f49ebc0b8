package geecache.containers;

import static org.assertj.core.api.Assertions.assertThat;

import geecache.Callers;
import geecache.ring.HashRing;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;

/** The nodes of one cluster. Safe for use by many threads. */
final class Members {
  private static final Duration START_LIMIT = Duration.ofMinutes(2);
  private static final int CALLERS_EACH = 2;

  /** In chars, of up to three bytes each: so a key has room for what makes it another. */
  private static final int LONGEST_START = 600;

  private final List<Member> members;
  private final HashRing ring;

  Members(List<Member> members) {
    this.members = List.copyOf(members);
    this.ring = HashRing.of(members.stream().map(Member::url).toList());
  }

  List<Member> all() {
    return members;
  }

  Member get(int index) {
    return members.get(index);
  }

  Member ownerOf(String key) {
    String owner = ring.owner(key);
    return members.stream().filter(member -> member.url().equals(owner)).findAny().orElseThrow();
  }

  /** Returns {@code key} itself if it is {@code owner}'s, else one that is, made of it. */
  String ownedBy(Member owner, String key) {
    String made = key;
    for (int i = 0; ownerOf(made) != owner; i++) {
      String number = Integer.toString(i, 36);
      int kept = Math.min(key.length(), LONGEST_START);
      made = i % 2 == 0 ? key.substring(0, kept) + number : number + key.substring(0, kept);
    }
    return made;
  }

  /** Returns a key of {@code owner} that nobody has asked for. */
  String freshKey(Member owner) {
    return ownedBy(owner, UUID.randomUUID().toString());
  }

  /** Returns so many keys that nobody has asked for, each node's in turn. */
  List<String> freshKeys(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> freshKey(members.get(i % members.size())))
        .toList();
  }

  /** Waits until each asks each for the keys that are the other's. */
  void awaitContact() {
    for (Member one : members) {
      for (Member other : members) {
        if (one != other) {
          awaitContact(one, other);
        }
      }
    }
  }

  private void awaitContact(Member one, Member other) {
    Awaitility.await(one + " to ask " + other)
        .atMost(START_LIMIT)
        .until(
            () -> {
              String key = freshKey(other);
              return one.get(key).code() == 200 && one.loads(key) == 0 && other.loads(key) == 1;
            });
  }

  /** Asks all nodes for all keys, several at the same time. */
  void assertAnswered(List<String> keys) throws IOException {
    try (Callers callers = new Callers()) {
      List<CompletableFuture<Void>> calls = new ArrayList<>();
      for (Member member : members) {
        for (int i = 0; i < CALLERS_EACH; i++) {
          int first = i;
          calls.add(
              callers.call(
                  () -> {
                    for (int k = first; k < keys.size(); k += CALLERS_EACH) {
                      member.assertAnswers(keys.get(k), keys.get(k));
                    }
                    return null;
                  }));
        }
      }
      calls.forEach(CompletableFuture::join);
    }
  }

  /** Each of {@code keys} was loaded so often by its owner, and by nobody else. */
  void assertLoadedByOwners(List<String> keys, int times) throws IOException {
    for (String key : keys) {
      Member owner = ownerOf(key);
      for (Member member : members) {
        assertThat(member.loads(key))
            .as("loads of %s by %s, owner %s", AwkwardKeys.printable(key), member, owner)
            .isEqualTo(member == owner ? times : 0);
      }
    }
  }
}
