//go:build wip

package activity

import "activitylog/backend/catalog"

// info describes a type in a language, also one that no catalogue defines.
func (s *Service) info(name, lang string) TypeInfo {
	t, known := s.catalog.Type(name)
	if !known {
		t = catalog.Unknown(name)
	}
	info := TypeInfo{
		ID: name, Label: t.Label(lang), Category: t.Category, CategoryLabel: s.catalog.CategoryLabel(t.Category, lang),
		Icon: t.Icon, Tone: t.Tone, Parameters: []ParamInfo{}, Known: known, Recordable: !t.Self,
	}
	for _, p := range t.Parameters {
		info.Parameters = append(info.Parameters, ParamInfo{
			Name: p.Name, Label: p.Label(lang), Kind: p.Kind, Required: p.Required, Secret: p.Secret,
		})
	}
	return info
}
