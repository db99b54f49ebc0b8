package com.example;

/** A row of the table of users. */
public record User(long id, String name) {}
