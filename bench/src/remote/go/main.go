// Command go-node is a side of bench/run go: a node of golang/groupcache with one peer. As the
// owner it waits to be asked; as the caller it gets the peer's keys, and prints what it measured.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"math/rand"
	"net/http"
	"os"
	"sort"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/golang/groupcache"
	"github.com/golang/groupcache/consistenthash"
)

const (
	valueLength = 1024
	replicas    = 50
)

var (
	here    = flag.Int("here", 0, "this side's port")
	there   = flag.Int("there", 0, "the other's")
	calls   = flag.Bool("caller", false, "whether this is the side that asks")
	threads = flag.Int("threads", 64, "how many ask at once")
	keys    = flag.Int("keys", 10000, "how many keys are asked for")
	warmUp  = flag.Int("warm-up", 4000, "in milliseconds")
	measure = flag.Int("millis", 3000, "how long is measured")
)

func main() {
	flag.Parse()
	log.SetOutput(os.Stdout)
	self, other := url(*here), url(*there)
	peers := []string{self, other}
	sort.Strings(peers)

	pool := groupcache.NewHTTPPoolOpts(self, nil)
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConns = 0
	transport.MaxIdleConnsPerHost = *threads
	pool.Transport = func(context.Context) http.RoundTripper { return transport }
	pool.Set(peers...)

	bytes := int64(64 << 20)
	if *calls {
		bytes = 1 // Room for no copy, so that each get goes to the owner.
	}
	group := groupcache.NewGroup("bench", bytes, groupcache.GetterFunc(load))

	mux := http.NewServeMux()
	mux.Handle("/_groupcache/", pool)
	go func() { log.Fatal(http.ListenAndServe("127.0.0.1:"+strconv.Itoa(*here), mux)) }()
	if !*calls {
		awaitAnswer(self)
		fmt.Println("the owner is ready")
		select {}
	}

	ring := consistenthash.New(replicas, nil)
	ring.Add(peers...)
	var others []string
	for i := 0; len(others) < *keys; i++ {
		if key := "customer-" + strconv.Itoa(i); ring.Get(key) == other {
			others = append(others, key)
		}
	}
	for _, key := range others {
		get(group, key)
	}
	requireNoneLoaded(group)
	report(group, others)
	requireNoneLoaded(group)
}

func url(port int) string {
	return "http://127.0.0.1:" + strconv.Itoa(port)
}

func awaitAnswer(self string) {
	for {
		answer, err := http.Get(self + "/_groupcache/")
		if err == nil {
			answer.Body.Close()
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func load(_ context.Context, key string, dest groupcache.Sink) error {
	value := make([]byte, valueLength)
	rand.New(rand.NewSource(int64(len(key)))).Read(value)
	copy(value, key)
	return dest.SetBytes(value)
}

func get(group *groupcache.Group, key string) {
	var value []byte
	err := group.Get(context.Background(), key, groupcache.AllocatingByteSliceSink(&value))
	if err != nil || len(value) != valueLength || !strings.HasPrefix(string(value[:len(key)]), key) {
		log.Fatalf("not the value of %s: %v", key, err)
	}
}

func requireNoneLoaded(group *groupcache.Group) {
	if n := group.Stats.LocalLoads.Get(); n != 0 {
		log.Fatalf("%d keys were loaded on the caller's side", n)
	}
}

// report gets without a pause between warm-up and measured interval.
func report(group *groupcache.Group, keys []string) {
	const (
		warming int32 = iota
		measured
		over
	)
	var phase int32
	parts := make([][]time.Duration, *threads)
	var done sync.WaitGroup
	for i := range parts {
		done.Add(1)
		go func(i int) {
			defer done.Done()
			order := rand.New(rand.NewSource(int64(i))).Perm(len(keys))
			for at := 0; ; at = (at + 1) % len(order) {
				now := atomic.LoadInt32(&phase)
				if now == over {
					return
				}
				start := time.Now()
				get(group, keys[order[at]])
				if now == measured {
					parts[i] = append(parts[i], time.Since(start))
				}
			}
		}(i)
	}
	time.Sleep(time.Duration(*warmUp) * time.Millisecond)
	start := time.Now()
	atomic.StoreInt32(&phase, measured)
	time.Sleep(time.Duration(*measure) * time.Millisecond)
	atomic.StoreInt32(&phase, over)
	interval := time.Since(start)
	done.Wait()

	var all []time.Duration
	for _, part := range parts {
		all = append(all, part...)
	}
	sort.Slice(all, func(i, j int) bool { return all[i] < all[j] })
	at := func(quantile float64) float64 {
		return float64(all[int(quantile*float64(len(all)-1))]) / 1e6
	}
	fmt.Printf("figures %f %f %f\n", float64(len(all))/interval.Seconds(), at(0.5), at(0.99))
}
