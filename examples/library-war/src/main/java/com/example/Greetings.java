package com.example;

import static java.nio.charset.StandardCharsets.UTF_8;

import geecache.Geecache;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.annotation.WebListener;

/** Gives the application's node a group. Everything else comes with the classes jar. */
@WebListener
public final class Greetings implements ServletContextListener {
  private static final long MAX_BYTES = 1 << 20;

  @Override
  public void contextInitialized(ServletContextEvent event) {
    Geecache.of(event.getServletContext())
        .newGroup("greetings", MAX_BYTES, name -> ("Hello, " + name + "!").getBytes(UTF_8));
  }
}
