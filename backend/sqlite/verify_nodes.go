package sqlite

import (
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"activitylog/backend/ledger"
)

// fault takes what the audit found.
func (c *treeCheck) fault(f ledger.TreeFault) {
	if f.Kind == ledger.LeafChanged {
		if len(c.leaves) < maxPending {
			c.leaves = append(c.leaves, f)
		} else {
			c.found.Count(1)
		}
		return
	}
	p := ledger.Problem{
		Kind: ledger.KindNode, Table: "node", Column: "hash",
		Text: fmt.Sprintf("The tree's stored hash %d, over the entries %d to %d, is not what these give.", f.Index, f.Lo, f.Hi-1),
	}
	if f.Kind == ledger.NodeMissing {
		p.Kind, p.Column = ledger.KindMissing, "idx"
		p.Text = fmt.Sprintf("The tree's stored hash %d, over the entries %d to %d, is missing.", f.Index, f.Lo, f.Hi-1)
	}
	c.found.Add(p)
}

// stored returns the stored node for the audit, which asks in the order of the table.
func (c *treeCheck) stored(index int64) (tlog.Hash, bool) {
	for c.nodeIndex != none && c.nodeIndex < index && c.err == nil {
		c.extraNode()
		c.stepNode()
	}
	if c.nodeIndex != index || c.err != nil {
		return tlog.Hash{}, false
	}
	h := hashOf(c.nodes.bytes(1))
	c.stepNode()
	return h, true
}

func (c *treeCheck) stepNode() {
	more, err := c.nodes.next()
	c.err = errors.Join(c.err, err)
	if c.nodeIndex = none; more {
		c.nodeIndex, _ = c.nodes.int(0)
	}
}

func (c *treeCheck) extraNode() {
	if !c.kept[c.nodeIndex] {
		c.found.Add(ledger.Problem{
			Kind: ledger.KindExtra, Table: "node", Column: "idx",
			Text: fmt.Sprintf("The tree has no place for the stored hash %d.", c.nodeIndex),
		})
	}
}

func (c *treeCheck) restNodes() {
	for c.nodeIndex != none && c.err == nil {
		c.extraNode()
		c.stepNode()
	}
}

// hashOf returns 32 bytes as a hash, anything else as the zero hash, which is none.
func hashOf(b []byte) tlog.Hash {
	if len(b) != tlog.HashSize {
		return tlog.Hash{}
	}
	return tlog.Hash(b)
}
