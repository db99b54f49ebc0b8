create table if not exists users (id bigint primary key, name varchar(100) not null);
merge into users values (7, 'Tom');
