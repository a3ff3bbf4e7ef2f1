// Package ledger is the part of the log that can prove itself: the bytes that are
// hashed, the Merkle tree over them, and the signed checkpoints.
//
// It is pure: trees and proofs are computed over hashes that somebody else keeps
// (the sqlite package), in the manner of golang.org/x/mod/sumdb/tlog, on which it
// stands. Only the key, the log secret and the high-water mark are files, because
// they must not lie in the database that they vouch for.
package ledger

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// The prefixes keep the two hashes apart from each other and from every other use
// of SHA-256. They are final.
const (
	bodyPrefix = "activity-body/v1\n"
	leafPrefix = "activity-leaf/v1\n"
)

// SaltSize is the length in bytes of the salt that hides a body behind its
// commitment once the body is erased.
const SaltSize = 16

// A LogID names a log for ever. It is a random (version 4) UUID.
type LogID [16]byte

// NewLogID returns a fresh random id.
func NewLogID() LogID {
	var id LogID
	rand.Read(id[:]) // never fails, see crypto/rand
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return id
}

// LogIDFromBytes returns the id kept in 16 bytes, or an error for another length.
func LogIDFromBytes(b []byte) (LogID, error) {
	var id LogID
	if len(b) != len(id) {
		return id, fmt.Errorf("ledger: a log id has %d bytes, not %d", len(id), len(b))
	}
	copy(id[:], b)
	return id, nil
}

// String returns the id as a UUID is written: 8-4-4-4-12 lower-case hex digits.
func (id LogID) String() string {
	h := hex.EncodeToString(id[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// Origin returns the name under which the log's checkpoints are signed.
func Origin(id LogID) string { return "activitylog.local/" + id.String() }

// Commitment returns SHA-256("activity-body/v1\n" ‖ salt ‖ body): what the ledger
// keeps of a body. The salt has [SaltSize] bytes; the caller sees to that.
func Commitment(salt, body []byte) [sha256.Size]byte {
	h := sha256.New()
	h.Write([]byte(bodyPrefix))
	h.Write(salt)
	h.Write(body)
	var c [sha256.Size]byte
	h.Sum(c[:0])
	return c
}

// Leaf returns the hash of the tree's leaf number seq:
// tlog.RecordHash("activity-leaf/v1\n" ‖ id ‖ u64be(seq) ‖ i64be(recordedAt) ‖ commitment).
// RecordedAt is in Unix milliseconds.
func Leaf(id LogID, seq, recordedAt int64, commitment [sha256.Size]byte) tlog.Hash {
	data := make([]byte, 0, len(leafPrefix)+len(id)+8+8+len(commitment))
	data = append(data, leafPrefix...)
	data = append(data, id[:]...)
	data = binary.BigEndian.AppendUint64(data, uint64(seq))
	data = binary.BigEndian.AppendUint64(data, uint64(recordedAt))
	data = append(data, commitment[:]...)
	return tlog.RecordHash(data)
}
