package main

import (
	"activitylog/backend/account"
	"activitylog/backend/widget"
)

// Tokens lists API tokens.
func (a *App) Tokens(in account.TokensIn) (account.TokenList, error) {
	return call(a, a.open().Accounts.Tokens, in)
}

// CreateToken makes an API token.
func (a *App) CreateToken(in account.CreateTokenIn) (account.NewToken, error) {
	return call(a, a.open().Accounts.CreateToken, in)
}

// ChangeToken changes an API token.
func (a *App) ChangeToken(in account.ChangeTokenIn) (account.APIToken, error) {
	return call(a, a.open().Accounts.ChangeToken, in)
}

// RevokeToken ends an API token.
func (a *App) RevokeToken(in account.RevokeTokenIn) (account.APIToken, error) {
	return call(a, a.open().Accounts.RevokeToken, in)
}

// Widgets lists widgets.
func (a *App) Widgets(in widget.ListIn) (widget.List, error) {
	return call(a, a.open().Widgets.Widgets, in)
}

// CreateWidget makes a widget.
func (a *App) CreateWidget(in widget.CreateIn) (widget.Made, error) {
	return call(a, a.open().Widgets.CreateWidget, in)
}

// ChangeWidget changes a widget.
func (a *App) ChangeWidget(in widget.ChangeIn) (widget.Widget, error) {
	return call(a, a.open().Widgets.ChangeWidget, in)
}

// RemoveWidget removes a widget.
func (a *App) RemoveWidget(in widget.RemoveIn) (widget.Removed, error) {
	return call(a, a.open().Widgets.RemoveWidget, in)
}

// RenewWidget gives a widget another token.
func (a *App) RenewWidget(in widget.RenewIn) (widget.Made, error) {
	return call(a, a.open().Widgets.RenewWidget, in)
}

// Widget opens a widget.
func (a *App) Widget(in widget.ViewIn) (widget.View, error) {
	return call(a, a.open().Widgets.Widget, in)
}
