package com.example;

import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

@RestController
class UserController {
  private final Users users;

  UserController(Users users) {
    this.users = users;
  }

  @GetMapping("/users/{id}")
  ResponseEntity<User> find(@PathVariable long id) {
    User user = users.find(id);
    return user == null ? ResponseEntity.notFound().build() : ResponseEntity.ok(user);
  }

  @PutMapping("/users/{id}")
  void rename(@PathVariable long id, @RequestBody String name) {
    users.rename(id, name);
  }
}
