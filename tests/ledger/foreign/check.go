// Check a checkpoint, an inclusion proof and a consistency proof with the Go project's own code
// (golang.org/x/mod/sumdb). Reads one JSON object from standard input; says "ok" or why not.
package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type claims struct {
	Key         string
	Note        string
	Old         string
	Body        []byte
	Index       int64
	Inclusion   [][]byte
	Consistency [][]byte
}

func require(err error, what string) {
	if err != nil {
		fmt.Printf("%s: %v\n", what, err)
		os.Exit(1)
	}
}

func hash(raw []byte) (found tlog.Hash) {
	copy(found[:], raw)
	return
}

func hashes(raw [][]byte) (found []tlog.Hash) {
	for _, each := range raw {
		found = append(found, hash(each))
	}
	return
}

// open returns the size and root of a checkpoint that the key has signed.
func open(text string, verifiers note.Verifiers, what string) (int64, tlog.Hash) {
	opened, err := note.Open([]byte(text), verifiers)
	require(err, what)
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	require(err, what)
	root, err := base64.StdEncoding.DecodeString(lines[2])
	require(err, what)
	return size, hash(root)
}

func main() {
	var said claims
	require(json.NewDecoder(os.Stdin).Decode(&said), "input")
	verifier, err := note.NewVerifier(said.Key)
	require(err, "key")
	verifiers := note.VerifierList(verifier)
	size, root := open(said.Note, verifiers, "note")
	oldSize, oldRoot := open(said.Old, verifiers, "old note")
	leaf := tlog.RecordHash(said.Body)
	require(tlog.CheckRecord(hashes(said.Inclusion), size, root, said.Index, leaf), "inclusion")
	require(tlog.CheckTree(hashes(said.Consistency), size, root, oldSize, oldRoot), "consistency")
	fmt.Println("ok")
}
