package activity

// The states of an import beside those of its job: erasing it began, or is done.
const (
	BatchRunning = "running"
	BatchUndoing = "undoing"
	BatchUndone  = "undone"
)

// A Batch is an import that was begun.
type Batch struct {
	ID         int64
	Source     string // import:<format>/<name>
	State      string // running (also of a program that was killed), done, cancelled, failed, undoing, undone
	StartedAt  int64  // ms
	FinishedAt *int64 // ms
	By         string // login of who imported, "" for the local owner and for users who are gone
	Report     []byte // JSON: what became of its records
}

// An Undo is what is to be erased of an import.
type Undo struct {
	Source string     // the batch's
	Runs   [][2]int64 // where its activities lie: runs of ledger places, from 0, both ends included
	Count  int64
}
