package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
)

// relayCommand is the argument with which this program is a relay.
const relayCommand = "relay"

// relay serves what a gateway on net/http cannot do without: to read each request, make its REST
// calls, side by side, read what they bring, and write an answer of the same length. What it costs
// bounds what any such gateway can do. Its arguments are that length, the upstream's address and
// the calls' URIs.
func relay(ctx context.Context, args []string) error {
	length, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	address, uris := args[1], args[2:]
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1 << 16, DisableCompression: true}}
	get := func(uri string) error {
		answer, err := client.Get("http://" + address + uri)
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		_, err = io.Copy(io.Discard, answer.Body)
		return err
	}
	answer := blank(length)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return
		}
		if err := together(uris, get); err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		w.Header().Set("Content-Length", strconv.Itoa(length))
		_, _ = w.Write(answer)
	})}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("relaying to %s; open http://%s/\n", address, listener.Addr())
	context.AfterFunc(ctx, func() { _ = server.Close() })
	return server.Serve(listener)
}

// together makes calls side by side, the last one here.
func together(uris []string, get func(string) error) error {
	if len(uris) == 0 {
		return nil
	}
	errs := make(chan error, len(uris))
	var calls sync.WaitGroup
	for _, uri := range uris[1:] {
		calls.Go(func() { errs <- get(uri) })
	}
	err := get(uris[0])
	calls.Wait()
	close(errs)
	for other := range errs {
		if err == nil {
			err = other
		}
	}
	return err
}

// blank is a relay's answer.
func blank(length int) []byte { return bytes.Repeat([]byte{' '}, length) }
