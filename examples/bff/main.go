// Command bff is a backend for a frontend, in front of the gateway: one request plays a job and
// is answered when the job has ended. It passes its caller's credential on, and sends no documents
// but those of operations.json, which the gateway is given as its trusted documents.
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"time"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8090", "the address to serve on")
	url := flag.String("gateway", "http://127.0.0.1:8080", "the gateway's address")
	flag.Parse()
	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("POST /run", run(*url+"/graphql"))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	fmt.Printf("bff: open http://%s/\n", listener.Addr())
	log.Fatal(server.Serve(listener))
}
