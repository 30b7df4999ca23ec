package gateway

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"jobgraph/internal/config"
	"jobgraph/restclient"
)

// newClient returns the client of the GitLab that is configured.
func newClient(c config.Config, log *slog.Logger) (*restclient.Client, error) {
	r := c.Client
	r.BaseURL, r.Network.NetHTTP, r.Reserve, r.Log = c.GitLabURL, !c.FastClient, reserveAnswer, log
	var err error
	if r.Network.RootCAs, err = rootCAs(c.GitLabCAFile); err != nil {
		return nil, fmt.Errorf("gitlab-ca-file: %w", err)
	}
	if r.Network.Certificate, err = certificate(c.GitLabCertFile, c.GitLabKeyFile); err != nil {
		return nil, fmt.Errorf("gitlab-client-cert: %w", err)
	}
	client, err := restclient.New(r)
	if argument, ok := errors.AsType[*restclient.ArgumentError](err); ok {
		return nil, fmt.Errorf("%s: %s", settingOf(argument.Name), argument.Problem)
	}
	return client, err
}

// settingOf returns the name of the setting that is a field of the client's configuration.
func settingOf(field string) string {
	switch field {
	case "BaseURL":
		return "gitlab-url"
	case "HTTPSProxy":
		return "https-proxy"
	case "HTTPProxy":
		return "http-proxy"
	case "Compression":
		return "upstream-gzip"
	}
	return field
}

// rootCAs returns the system's authorities with those of a file, or nil without a file.
func rootCAs(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s: it has no certificate in PEM", file)
	}
	return pool, nil
}

// certificate returns the gateway's own certificate, or nil without files.
func certificate(certificate, key string) (*tls.Certificate, error) {
	if certificate == "" && key == "" {
		return nil, nil
	}
	if certificate == "" || key == "" {
		return nil, errors.New("it and -gitlab-client-key are set together")
	}
	pair, err := tls.LoadX509KeyPair(certificate, key)
	if err != nil {
		return nil, err
	}
	return &pair, nil
}

// readToken sets the token that a file holds.
func readToken(c *config.Config) error {
	if c.GitLabTokenFile == "" {
		return nil
	}
	if c.GitLabToken != "" {
		return errors.New("gitlab-token-file: gitlab-token is set, too")
	}
	text, err := os.ReadFile(c.GitLabTokenFile)
	if err != nil {
		return fmt.Errorf("gitlab-token-file: %w", err)
	}
	token := restclient.Credential{Header: restclient.HeaderPrivateToken, Value: strings.TrimSpace(string(text))}
	if err := token.Validate(); err != nil {
		return errors.New("gitlab-token-file: it does not hold one token")
	}
	c.GitLabToken = token.Value
	return nil
}
