package com.example;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.cache.annotation.EnableCaching;

/** A shop that runs in several instances. */
@SpringBootApplication
@EnableCaching
public class Shop {
  /** Starts one instance. */
  public static void main(String[] args) {
    SpringApplication.run(Shop.class, args);
  }
}
