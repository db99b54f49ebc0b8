package geecache.containers;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Runs in Payara Micro's own process, with nothing but Payara on its class path: starts it with the
 * arguments given, then deploys and undeploys as told, one command a line.
 */
public final class PayaraConsole {
  /** The system property with the path of a file of commands to begin with. */
  static final String EARLY_COMMANDS = "payara.early-commands";

  private PayaraConsole() {}

  /** Returns when its standard input ends; the server goes on. */
  public static void main(String[] arguments) throws IOException, ReflectiveOperationException {
    Class<?> micro = Class.forName("fish.payara.micro.PayaraMicro");
    micro.getMethod("main", String[].class).invoke(null, (Object) arguments);
    Object instance = micro.getMethod("getInstance").invoke(null);
    Object runtime = micro.getMethod("getRuntime").invoke(instance);
    for (String line : Files.readAllLines(Path.of(System.getProperty(EARLY_COMMANDS)))) {
      run(runtime, line.split(" "));
    }
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      run(runtime, line.split(" "));
    }
  }

  private static void run(Object runtime, String[] words) throws ReflectiveOperationException {
    Class<?> type = Class.forName("fish.payara.micro.PayaraMicroRuntime");
    if (words[0].equals("deploy")) {
      type.getMethod("deploy", String.class, String.class, File.class)
          .invoke(runtime, words[1], words[2], new File(words[3]));
    } else {
      type.getMethod("undeploy", String.class).invoke(runtime, words[1]);
    }
  }
}
