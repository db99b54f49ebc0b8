// Command go-peer is a node of golang/groupcache in one ring with geecache nodes. It answers its
// peers at /_groupcache/, and everybody else at /get?key=; what it owns it loads from a URL.
package main

import (
	"context"
	"crypto/subtle"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"sort"
	"strings"
	"time"

	"github.com/golang/groupcache"
	"github.com/golang/groupcache/consistenthash"
)

const (
	basePath = "/_groupcache/" // What geecache asks at, and is asked at.
	replicas = 50              // What geecache makes its ring with.

	// Longer than a geecache node may load: it says nothing before.
	peerTimeout   = 20 * time.Second
	sourceTimeout = 10 * time.Second
)

func main() {
	self := flag.String("self", "", "this node's base URL, byte for byte as in -peers")
	list := flag.String("peers", "", "the base URLs of all nodes, this one included, separated by commas")
	group := flag.String("group", "pages", "the name of the group")
	bytes := flag.Int64("bytes", 64<<20, "how many bytes it may keep")
	source := flag.String("source", "", "the URL to load from; the key, escaped, is appended")
	flag.Parse()

	peers, err := checked(*self, *list)
	if err != nil {
		log.Fatal(err)
	}
	secret := os.Getenv("GEECACHE_SECRET") // Not a flag: those show in ps.

	pool := groupcache.NewHTTPPoolOpts(*self, &groupcache.HTTPPoolOptions{
		BasePath: basePath,
		Replicas: replicas,
	})
	// Before Set, which hands it to the peers.
	transport := newTransport(secret)
	pool.Transport = func(context.Context) http.RoundTripper { return transport }
	pool.Set(peers...)

	pages := groupcache.NewGroup(*group, *bytes, loader(*source))

	ring := consistenthash.New(replicas, nil)
	ring.Add(peers...)

	mux := http.NewServeMux()
	mux.Handle(basePath, guarded(secret, pool))
	mux.HandleFunc("/get", func(w http.ResponseWriter, r *http.Request) {
		var value groupcache.ByteView
		// Not r.Context(): who comes later waits for the same load, and would fail with this caller.
		err := pages.Get(context.Background(), r.URL.Query().Get("key"), groupcache.ByteViewSink(&value))
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/octet-stream")
		value.WriteTo(w)
	})
	mux.HandleFunc("/owner", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, ring.Get(r.URL.Query().Get("key")))
	})

	listen, err := url.Parse(*self)
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{Addr: listen.Host, Handler: mux, ReadHeaderTimeout: peerTimeout}
	log.Printf("%s is one of %v", *self, peers)
	log.Fatal(server.ListenAndServe())
}

// checked returns the peers in the order in which they have to be added: where two points of the
// ring are the same, groupcache gives it to the peer that was added last, and geecache to the
// greatest. A node that is not among its peers by the very same string would ask itself over HTTP,
// and wait for itself.
func checked(self, list string) ([]string, error) {
	peers := strings.Split(list, ",")
	sort.Strings(peers)
	found := false
	for _, peer := range peers {
		u, err := url.Parse(peer)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return nil, fmt.Errorf("not a base URL: %q", peer)
		}
		if strings.HasSuffix(peer, "/") || peer != strings.ToLower(u.Scheme)+"://"+strings.ToLower(u.Host)+u.Path {
			return nil, fmt.Errorf("write %q in lower case, without user, query or slash at the end", peer)
		}
		found = found || peer == self
	}
	if !found {
		return nil, fmt.Errorf("-self %q is not among -peers %q", self, peers)
	}
	return peers, nil
}

// loader asks the source for a key.
func loader(source string) groupcache.Getter {
	client := &http.Client{Timeout: sourceTimeout}
	return groupcache.GetterFunc(func(_ context.Context, key string, dest groupcache.Sink) error {
		answer, err := client.Get(source + url.QueryEscape(key))
		if err != nil {
			var failure *url.Error
			if errors.As(err, &failure) {
				err = failure.Err // Peers are sent the message: it should not tell the URL.
			}
			return err
		}
		defer answer.Body.Close()
		value, err := io.ReadAll(answer.Body)
		if err != nil {
			return err
		}
		if answer.StatusCode != http.StatusOK {
			return fmt.Errorf("the source answered %s", answer.Status)
		}
		return dest.SetBytes(value)
	})
}

// newTransport keeps more connections than Go's default of two a peer, gives up on peers that say
// nothing, and shows the secret.
func newTransport(secret string) http.RoundTripper {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 64
	transport.DialContext = (&net.Dialer{Timeout: time.Second}).DialContext
	transport.ResponseHeaderTimeout = peerTimeout
	if secret == "" {
		return transport
	}
	return bearer{secret, transport}
}

// bearer shows the secret that geecache nodes ask for.
type bearer struct {
	secret string
	next   http.RoundTripper
}

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+b.secret)
	return b.next.RoundTrip(r)
}

// guarded lets those through who show the secret, which geecache nodes do.
func guarded(secret string, next http.Handler) http.Handler {
	if secret == "" {
		return next
	}
	want := []byte("Bearer " + secret)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), want) != 1 {
			http.Error(w, "the secret is required", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}
