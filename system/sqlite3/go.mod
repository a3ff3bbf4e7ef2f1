// A module of its own: the program itself is built without C.
module sqlite3

go 1.26.0

require github.com/mattn/go-sqlite3 v1.14.53
