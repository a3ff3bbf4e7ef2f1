package activity

import (
	"context"
	"encoding/json"
	"strconv"

	"activitylog/backend/access"
	"activitylog/backend/catalog"
)

// Language is the one the caller reads in. Cost: a read, where it has chosen none.
func (s *Service) Language(ctx context.Context) string { return s.language(ctx, access.From(ctx)) }

// Show puts a stored activity into words for the caller. Many rows are shown by
// [Service.View], in a language that is asked for once.
func (s *Service) Show(ctx context.Context, row Stored) Activity {
	return s.View(row, s.language(ctx, access.From(ctx)))
}

// Type describes a type in the caller's language.
func (s *Service) Type(ctx context.Context, name string) TypeInfo {
	return s.info(name, s.Language(ctx))
}

// View puts a stored activity into words for a reader of that language.
func (s *Service) View(row Stored, lang string) Activity {
	b := row.Body
	info := s.info(b.Type, lang)
	a := Activity{
		ID: strconv.FormatInt(row.Seq+1, 10), OccurredAt: b.OccurredAt, OffsetMinutes: b.OffsetMinutes,
		RecordedAt: row.RecordedAt, Type: b.Type, TypeLabel: info.Label, Category: info.Category,
		CategoryLabel: info.CategoryLabel, Icon: info.Icon, Tone: info.Tone, Actor: viewActor(row),
		Object: b.Object, Site: b.Site, Source: b.Source, ReportedBy: row.ReportedBy, Result: b.Result, IP: b.IP, UserAgent: b.UserAgent,
		RequestID: b.RequestID, ExternalID: b.ExternalID, Changes: b.Changes, Parameters: b.Parameters,
	}
	if a.Changes == nil {
		a.Changes = []Change{}
	}
	if len(a.Parameters) == 0 {
		a.Parameters = json.RawMessage("{}")
	}
	a.Sentence = s.sentence(a, lang)
	return a
}

// ViewBody puts a body that is not stored into words for the caller; its id is "".
func (s *Service) ViewBody(ctx context.Context, b Body) Activity {
	a := s.View(Stored{Body: b, RecordedAt: b.OccurredAt}, s.language(ctx, access.From(ctx)))
	a.ID = ""
	return a
}

func viewActor(row Stored) Actor {
	a := Actor{Kind: row.Body.Actor.Kind, Source: row.Body.Actor.Source, Label: row.ActorLabel}
	if row.ActorID != 0 {
		a.ID = strconv.FormatInt(row.ActorID, 10)
	}
	if row.Body.Actor.Name != nil {
		a.Name = *row.Body.Actor.Name
	}
	if row.ActorUser != nil {
		a.User = new(strconv.FormatInt(*row.ActorUser, 10))
	}
	if a.Label == "" {
		a.Label = a.Name
	}
	return a
}

func (s *Service) sentence(a Activity, lang string) []Part {
	subject := catalog.Subject{Type: a.Type, Parameters: a.Parameters, Result: a.Result, Actor: a.Actor.Name}
	if a.Object != nil {
		subject.Object = &catalog.Object{Kind: a.Object.Kind, ID: a.Object.ID, Name: a.Object.Name}
	}
	if a.Site != nil {
		subject.Site = &catalog.Site{ID: a.Site.ID, Kind: a.Site.Kind, Name: a.Site.Name}
	}
	for _, c := range a.Changes {
		subject.ChangedFields = append(subject.ChangedFields, c.Field)
	}
	parts := s.catalog.Sentence(lang, subject)
	out := make([]Part, len(parts))
	for i, p := range parts {
		out[i] = Part(p)
	}
	return out
}

// info describes a type in a language, also one that no catalogue defines.
func (s *Service) info(name, lang string) TypeInfo {
	t, known := s.catalog.Type(name)
	info := TypeInfo{
		ID: name, Label: t.Label(lang), Category: t.Category, CategoryLabel: s.catalog.CategoryLabel(t.Category, lang),
		Icon: t.Icon, Tone: t.Tone, Parameters: []ParamInfo{}, Known: known, Recordable: !t.Self && !t.Off,
	}
	for _, p := range t.Parameters {
		info.Parameters = append(info.Parameters, ParamInfo{
			Name: p.Name, Label: p.Label(lang), Kind: p.Kind, Required: p.Required, Secret: p.Secret,
		})
	}
	return info
}
