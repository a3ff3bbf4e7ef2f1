package feed

import "encoding/json"

// The fields of JSON Feed 1.1 that are used.
type (
	jsonFeed struct {
		Version  string     `json:"version"`
		Title    string     `json:"title"`
		HomePage string     `json:"home_page_url"`
		FeedURL  string     `json:"feed_url"`
		Language string     `json:"language"`
		Items    []jsonItem `json:"items"`
	}
	jsonItem struct {
		ID        string       `json:"id"`
		URL       string       `json:"url"`
		Title     string       `json:"title"`
		Text      string       `json:"content_text"`
		Published string       `json:"date_published"`
		Modified  string       `json:"date_modified"`
		Authors   []jsonAuthor `json:"authors"`
		Tags      []string     `json:"tags"`
	}
	jsonAuthor struct {
		Name string `json:"name"`
	}
)

// json writes the document as JSON Feed.
func (d document) json() (Feed, error) {
	out := jsonFeed{
		Version: "https://jsonfeed.org/version/1.1", Title: d.title, HomePage: d.home, FeedURL: d.self,
		Language: d.language, Items: []jsonItem{},
	}
	for _, e := range d.entries {
		out.Items = append(out.Items, jsonItem{
			ID: e.id, URL: e.url, Title: e.title, Text: e.text, Published: stamp(e.published), Modified: stamp(e.updated),
			Authors: []jsonAuthor{{e.author}}, Tags: []string{e.label},
		})
	}
	content, err := json.Marshal(out)
	return Feed{ContentType: "application/feed+json", Content: append(content, '\n')}, err
}
