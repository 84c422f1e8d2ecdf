// A management server on go-control-plane's snapshot cache, told by lines of text.
//
//	peer SOCKET ROUTES BYTES
//
// It says "ready" once it serves delta ADS on the socket: one cluster, one listener, and one route configuration
// of that name and about that size, the same for every node. A line "push NUMBER" gives every node another route
// configuration; once NUMBER acknowledgements of routes have come since it began, it says "acked TIME".
// The peer of bench/push/canned.py.
package main

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	cluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	route "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"github.com/envoyproxy/go-control-plane/pkg/cache/types"
	"github.com/envoyproxy/go-control-plane/pkg/cache/v3"
	"github.com/envoyproxy/go-control-plane/pkg/resource/v3"
	"github.com/envoyproxy/go-control-plane/pkg/server/v3"
	"google.golang.org/grpc"
)

// peer is the cache, the nodes that asked for something, and how many acknowledgements of routes came.
type peer struct {
	snapshots cache.SnapshotCache
	routes    string
	size      int

	mutex   sync.Mutex
	current *cache.Snapshot
	nodes   map[string]bool

	acks   atomic.Int64
	wanted atomic.Int64
}

// snapshot is all that a node gets.
func (p *peer) snapshot(version int) (*cache.Snapshot, error) {
	routes := &route.RouteConfiguration{
		Name: p.routes,
		VirtualHosts: []*route.VirtualHost{{
			Name:    fmt.Sprintf("%012d%s", version, strings.Repeat("x", p.size)),
			Domains: []string{"*"},
		}},
	}
	return cache.NewSnapshot(strconv.Itoa(version), map[resource.Type][]types.Resource{
		resource.ClusterType:  {&cluster.Cluster{Name: "only"}},
		resource.ListenerType: {&listener.Listener{Name: "only"}},
		resource.RouteType:    {routes},
	})
}

// heard takes note of a node that is new, and counts acknowledgements.
func (p *peer) heard(_ int64, request *discovery.DeltaDiscoveryRequest) error {
	if id := request.GetNode().GetId(); id != "" {
		p.mutex.Lock()
		defer p.mutex.Unlock()
		if !p.nodes[id] {
			p.nodes[id] = true
			return p.snapshots.SetSnapshot(context.Background(), id, p.current)
		}
	}
	if request.GetResponseNonce() != "" && request.GetTypeUrl() == resource.RouteType {
		if acks := p.acks.Add(1); acks == p.wanted.Load() {
			fmt.Printf("acked %.6f\n", float64(time.Now().UnixMicro())/1e6)
		}
	}
	return nil
}

// push gives every node another snapshot.
func (p *peer) push(version int) error {
	next, err := p.snapshot(version)
	if err != nil {
		return err
	}
	p.mutex.Lock()
	p.current = next
	ids := make([]string, 0, len(p.nodes))
	for id := range p.nodes {
		ids = append(ids, id)
	}
	p.mutex.Unlock()
	for _, id := range ids {
		if err := p.snapshots.SetSnapshot(context.Background(), id, next); err != nil {
			return err
		}
	}
	return nil
}

func run(socket, routes string, size int) error {
	p := &peer{
		snapshots: cache.NewSnapshotCache(true, cache.IDHash{}, nil),
		routes:    routes,
		size:      size,
		nodes:     map[string]bool{},
	}
	first, err := p.snapshot(0)
	if err != nil {
		return err
	}
	p.current = first
	bound, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	served := grpc.NewServer()
	callbacks := server.CallbackFuncs{StreamDeltaRequestFunc: p.heard}
	discovery.RegisterAggregatedDiscoveryServiceServer(
		served, server.NewServer(context.Background(), p.snapshots, callbacks))
	go func() { log.Fatal(served.Serve(bound)) }()
	fmt.Println("ready")
	return p.obey()
}

// obey carries out what is told until there are no more lines.
func (p *peer) obey() error {
	lines := bufio.NewScanner(os.Stdin)
	for version := 1; lines.Scan(); version++ {
		wanted, err := strconv.ParseInt(strings.TrimPrefix(lines.Text(), "push "), 10, 64)
		if err != nil {
			return err
		}
		p.wanted.Store(wanted)
		if err := p.push(version); err != nil {
			return err
		}
	}
	return lines.Err()
}

func main() {
	size, err := strconv.Atoi(os.Args[3])
	if err == nil {
		err = run(os.Args[1], os.Args[2], size)
	}
	if err != nil {
		log.Fatal(err)
	}
}
