package com.example;

import static java.nio.charset.StandardCharsets.UTF_8;

import geecache.Geecache;

/** Gives a node a group of greetings, as the application's listener does. */
final class Greetings {
  private Greetings() {}

  static void register(Geecache node) {
    node.group("greetings").register(name -> ("Hello, " + name + "!").getBytes(UTF_8));
  }
}
