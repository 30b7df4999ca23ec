package config

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// kind is a type of value: how it is read, and how it is written.
type kind[T any] struct {
	name   string
	parse  func(string) (T, error)
	format func(T) string
}

func text(name string, to *string, standard, meaning string) Setting {
	same := func(s string) string { return s }
	return declare(kind[string]{"text", func(s string) (string, error) { return s, nil }, same},
		name, to, standard, meaning)
}

func toggle(name string, to *bool, standard bool, meaning string) Setting {
	return declare(kind[bool]{"bool", parseBool, strconv.FormatBool}, name, to, standard, meaning)
}

func integer(name string, to *int, standard int, meaning string) Setting {
	return declare(kind[int]{"int", parseInt, strconv.Itoa}, name, to, standard, meaning)
}

// number declares a setting that is a number, perhaps with a fraction.
func number(name string, to *float64, standard float64, meaning string) Setting {
	return declare(kind[float64]{"number", parseNumber, formatNumber}, name, to, standard, meaning)
}

// fraction declares a setting from 0 to 1.
func fraction(name string, to *float64, standard float64, meaning string) Setting {
	return declare(kind[float64]{"fraction", parseFraction, formatNumber}, name, to, standard, meaning)
}

func duration(name string, to *time.Duration, standard time.Duration, meaning string) Setting {
	return declare(kind[time.Duration]{"duration", parseDuration, formatDuration}, name, to, standard, meaning)
}

// bytes declares a setting that is a length in bytes.
func bytes[T int | int64](name string, to *T, standard T, meaning string) Setting {
	return declare(kind[T]{"bytes", parseBytes[T], formatBytes[T]}, name, to, standard, meaning)
}

// choice declares a setting that is one of some words.
func choice(name string, to *string, standard, meaning string, words ...string) Setting {
	k := kind[string]{strings.Join(words, "|"), func(s string) (string, error) {
		for _, word := range words {
			if s == word {
				return s, nil
			}
		}
		return "", fmt.Errorf("must be one of %s", strings.Join(words, ", "))
	}, func(s string) string { return s }}
	return declare(k, name, to, standard, meaning)
}

func parseBool(s string) (bool, error) {
	value, err := strconv.ParseBool(s)
	if err != nil {
		return false, errors.New("must be true or false")
	}
	return value, nil
}

func parseInt(s string) (int, error) {
	value, err := strconv.Atoi(s)
	if err != nil || value < 0 {
		return 0, errors.New("must be a whole number, 0 or more")
	}
	return value, nil
}

func parseNumber(s string) (float64, error) {
	value, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(value) || math.IsInf(value, 0) || value < 0 {
		return 0, errors.New("must be a number, 0 or more")
	}
	return value, nil
}

func parseFraction(s string) (float64, error) {
	value, err := parseNumber(s)
	if err != nil || value > 1 {
		return 0, errors.New("must be a number from 0 to 1")
	}
	return value, nil
}

func formatNumber(value float64) string { return strconv.FormatFloat(value, 'g', -1, 64) }

func parseDuration(s string) (time.Duration, error) {
	value, err := time.ParseDuration(s)
	if err != nil || value < 0 {
		return 0, errors.New("must be a duration such as 500ms, 10s or 2m, 0s or more")
	}
	return value, nil
}

// formatDuration writes 2m0s as 2m.
func formatDuration(d time.Duration) string {
	s := d.String()
	if d >= time.Minute {
		s = strings.TrimSuffix(s, "0s")
	}
	if d >= time.Hour {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// units are the suffixes of lengths, the largest first.
var units = []struct {
	suffix string
	bytes  int64
}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}}

func parseBytes[T int | int64](s string) (T, error) {
	wrong := errors.New("must be a number of bytes, 0 or more, such as 65536, 64KiB or 16MiB")
	digits, unit := strings.TrimSpace(s), int64(1)
	for _, u := range units {
		if before, found := strings.CutSuffix(digits, u.suffix); found {
			digits, unit = strings.TrimSpace(before), u.bytes
			break
		}
	}
	count, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || count < 0 || count > math.MaxInt64/unit || int64(T(count*unit)) != count*unit {
		return 0, wrong
	}
	return T(count * unit), nil
}

func formatBytes[T int | int64](value T) string {
	for _, u := range units {
		if value > 0 && int64(value)%u.bytes == 0 {
			return strconv.FormatInt(int64(value)/u.bytes, 10) + u.suffix
		}
	}
	return strconv.FormatInt(int64(value), 10)
}
