create table if not exists "users" ("id" int primary key, "name" varchar(80), "city" varchar(80));
merge into "users" values (7, 'Tom', 'Basel'), (8, 'Jack', 'Bern'), (9, 'Sam', null);
