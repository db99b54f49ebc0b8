package com.example;

import static java.nio.charset.StandardCharsets.UTF_8;

import geecache.Geecache;
import geecache.GroupProvider;

/** Gives the node a group without a listener; {@code META-INF/services} names this class. */
public final class Farewells implements GroupProvider {
  private static final long MAX_BYTES = 1 << 20;

  @Override
  public void register(Geecache node) {
    node.newGroup("farewells", MAX_BYTES, name -> ("Goodbye, " + name + "!").getBytes(UTF_8));
  }
}
