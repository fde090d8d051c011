import Policy

/// Checks of members against each other, after all of them are read.
extension Configuration {
    func check(_ diagnostics: Diagnostics) {
        checkListeners(diagnostics)
        checkAdminToken(diagnostics)
        checkAdminTokens(diagnostics)
        checkTierNames(diagnostics)
        for tier in tiers.all { check(tier, diagnostics) }
        checkPatterns(diagnostics)
        checkAlerts(diagnostics)
    }

    /// The models of the catalogue, and those with prices or energy of their own.
    package var knownModels: Set<String> {
        ModelCatalogue.ids.union(models.prices.models.keys).union(models.energyOverrides.keys)
    }

    /// Warns of aliases whose pattern matches known models.
    private func checkPatterns(_ diagnostics: Diagnostics) {
        for (pattern, hidden) in ModelTable(aliases: models.aliases).hidden(among: knownModels) {
            let path = "models.aliases.\(pattern)"
            diagnostics.report(
                ParseProblem(
                    "hides models with names of their own: \(hidden.joined(separator: ", ")); narrow the pattern, or add a "
                        + "model as an alias of itself to keep it"),
                as: .warning, at: diagnostics.positions[path] ?? .start, path: path)
        }
    }

    /// Reports every listener that cannot be opened together with an earlier one.
    private func checkListeners(_ diagnostics: Diagnostics) {
        for (index, listener) in diagnostics.listeners.enumerated() {
            guard let first = diagnostics.listeners[..<index].first(where: { $0.address.overlaps(listener.address) })
            else { continue }
            let address = listener.address.text
            let message =
                first.address.text == address
                ? "listens on \(address), as \(first.path) already does"
                : "listens on \(address), which overlaps \(first.path), \(first.address.text): give one of them another port"
            diagnostics.report(ParseProblem(message), at: listener.position, path: listener.path)
        }
    }

    private func checkAdminToken(_ diagnostics: Diagnostics) {
        guard !admin.hasTokens, !admin.listen.isLoopback,
            !diagnostics.isUnknown("admin.token"), !diagnostics.isUnknown("admin.tokens"),
            let position = diagnostics.valuePositions["admin.listen"]
        else { return }
        diagnostics.report(
            ParseProblem(
                "without admin.token only this machine may reach the admin listener; set one, or listen on loopback",
                suggestion: "127.0.0.1:\(admin.listen.port)"),
            at: position, path: "admin.listen")
    }

    /// Reports tokens that nobody could name or tell apart.
    private func checkAdminTokens(_ diagnostics: Diagnostics) {
        for (index, token) in admin.tokens.enumerated() {
            let path = "admin.tokens[\(index)]"
            func report(_ member: String, _ message: String) {
                guard !diagnostics.isUnknown("\(path).\(member)") else { return }
                let position = diagnostics.positions["\(path).\(member)"] ?? diagnostics.positions["admin.tokens"]
                diagnostics.report(ParseProblem(message), at: position ?? .start, path: "\(path).\(member)")
            }
            let others = admin.tokens[..<index]
            if token.name.isEmpty { report("name", "a token needs a name, for the audit log") }
            if ["admin", "anonymous"].contains(token.name) || others.contains(where: { $0.name == token.name }) {
                report("name", "another token has this name; choose one of its own")
            }
            if token.token == nil { report("token", "is missing") }
            if let secret = token.token, secret == admin.token || others.contains(where: { $0.token == secret }) {
                report("token", "another token has the same text, so their rights could not be told apart")
            }
            if case .keys(let team) = token.scope, !policies.isListed(team: team) {
                report("scope", "there is no team \(team) under teams")
            }
        }
    }

    /// Reports members that name a tier that does not exist.
    private func checkTierNames(_ diagnostics: Diagnostics) {
        var names = teams.map { ("teams.\($0.key).tier", $0.value) }
        names.append(("default_tier", defaultTier))
        if let tier = upstream.tier { names.append(("upstream.tier", tier)) }
        let known = tiers.all.map(\.name)
        for (path, name) in names where tiers[name] == nil {
            diagnostics.report(
                ParseProblem(
                    "there is no such tier; there are \(known.joined(separator: ", "))",
                    suggestion: Suggestion.nearest(to: name, among: known)),
                at: diagnostics.valuePositions[path] ?? .start, path: path)
        }
    }

    private func check(_ tier: Tier, _ diagnostics: Diagnostics) {
        let section = "tiers.\(tier.name)"
        Self.checkOrder(section, { tier[$0] }, diagnostics)
        Self.checkOrder("\(section).per_user", { tier.perUser[$0] }, diagnostics)
        for (name, limits) in tier.perModel {
            let path = "\(section).per_model.\(name)"
            Self.checkOrder(path, { limits[$0] }, diagnostics)
            guard let served = models.aliases[name], let position = diagnostics.positions[path] else { continue }
            diagnostics.report(
                ParseProblem("is an alias, and limits are for the models that are served", suggestion: served),
                at: position, path: path)
        }
    }

    /// Reports a limit of a shorter window above that of a longer one, which nothing could ever reach.
    private static func checkOrder(
        _ section: String, _ limit: (LimitKind) -> Int64?, _ diagnostics: Diagnostics
    ) {
        guard let start = diagnostics.valuePositions[section] else { return }
        for (shorter, longer) in LimitKind.calendarPairs {
            guard let least = limit(shorter), let most = limit(longer), least > most else { continue }
            let path = "\(section).\(shorter.rawValue)"
            diagnostics.report(
                ParseProblem("is more than \(longer.rawValue), and could never be reached"),
                at: diagnostics.valuePositions[path]
                    ?? diagnostics.positions["\(section).\(longer.rawValue)"] ?? start, path: path)
        }
    }
}

extension LimitKind {
    /// Pairs of kinds that count the same in a shorter and in a longer window of the calendar.
    fileprivate static var calendarPairs: [(shorter: LimitKind, longer: LimitKind)] {
        let kinds = allCases.compactMap { kind -> (kind: LimitKind, window: LimitWindow)? in
            guard case .window(let window) = kind.form else { return nil }
            return (kind, window)
        }
        return kinds.flatMap { shorter in
            kinds.filter { $0.kind.unit == shorter.kind.unit && shorter.window.isPart(of: $0.window) }
                .map { (shorter.kind, $0.kind) }
        }
    }
}
