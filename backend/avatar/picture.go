package avatar

import (
	"bytes"
	"encoding/binary"
	"image"
	_ "image/gif"  // sizes of GIF
	_ "image/jpeg" // of JPEG
	_ "image/png"  // of PNG
	"net/http"
)

// The bounds of a picture.
const (
	maxBytes  = 256 << 10
	maxPixels = 512 // each way
)

// mediaType returns the type of a picture that may be shown, by its content: PNG,
// JPEG, GIF or WebP, of at most 256 KiB and 512 × 512 pixels. Anything else is "".
func mediaType(data []byte) string {
	if len(data) == 0 || len(data) > maxBytes {
		return ""
	}
	kind := http.DetectContentType(data)
	var width, height int
	switch kind {
	case "image/png", "image/jpeg", "image/gif":
		config, format, err := image.DecodeConfig(bytes.NewReader(data))
		if err != nil || "image/"+format != kind {
			return ""
		}
		width, height = config.Width, config.Height
	case "image/webp":
		width, height = webpSize(data)
	default:
		return ""
	}
	if width < 1 || height < 1 || width > maxPixels || height > maxPixels {
		return ""
	}
	return kind
}

// webpSize reads the size from the first chunk of a WebP file: VP8 (lossy), VP8L
// (lossless) or VP8X (extended). It is 0 × 0 where there is none.
func webpSize(data []byte) (width, height int) {
	if len(data) < 30 || string(data[:4]) != "RIFF" || string(data[8:12]) != "WEBP" {
		return 0, 0
	}
	chunk := data[20:]
	switch string(data[12:16]) {
	case "VP8 ":
		if string(chunk[3:6]) != "\x9d\x01\x2a" {
			return 0, 0
		}
		return int(binary.LittleEndian.Uint16(chunk[6:]) & 0x3fff), int(binary.LittleEndian.Uint16(chunk[8:]) & 0x3fff)
	case "VP8L":
		if chunk[0] != 0x2f {
			return 0, 0
		}
		bits := binary.LittleEndian.Uint32(chunk[1:])
		return int(bits&0x3fff) + 1, int(bits>>14&0x3fff) + 1
	case "VP8X":
		return int(uint24(chunk[4:])) + 1, int(uint24(chunk[7:])) + 1
	}
	return 0, 0
}

func uint24(b []byte) uint32 { return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 }
