extension LimiterState {
    /// Adds to `indices` the parts of its scopes for a model and a user, where these have limits for them.
    ///
    /// - Parameters:
    ///   - model: the model; nil for none, or one that is not known.
    ///   - user: the user, empty for requests that name none; nil for no user's part.
    @inline(never)
    mutating func addParts(_ model: String?, _ user: String?, to indices: inout ScopeTable.Indices, at now: LimitTime) {
        var parts = PartIndices()
        var ownParts = 0
        indices.forEach { owner in
            if owner == ScopeTable.account { ownParts = parts.count }
            guard let limits = scopes.usages[owner].limits?.parts else { return }
            if let model, let index = scopes.index(ofModel: model, limits, in: owner) { parts.append(index) }
            if let user, let limits = limits.user {
                parts.append(index(ofUser: user, limits, in: owner, at: now))
            }
        }
        (indices.parts, indices.ownParts) = (parts, ownParts)
    }

    /// The part of the scope at `owner` for a user; that of `(other)` where there is no room for another one.
    private mutating func index(ofUser name: String, _ limits: TierLimits, in owner: Int, at now: LimitTime) -> Int {
        if let index = scopes.index(ofUser: name, limits, in: owner) { return index }
        if future.isEmpty {
            scopes.removeUnusedUsers(of: owner, windows.numbers, at: now)
            if let index = scopes.index(ofUser: name, limits, in: owner) { return index }
        }
        return scopes.index(ofOtherUsers: limits, in: owner)
    }

    /// The parts that have limits for `request` of `key`.
    mutating func parts(of request: LimitedRequest, _ key: KeyRecord, at now: LimitTime) -> [OwnedPart] {
        let indices = enter(key, model: request.model, user: request.user, at: passTime(to: now))
        return (0..<indices.parts.count).compactMap { place in
            let (owner, part) = owner(of: indices.parts[place], in: indices)
            return part.map { OwnedPart($0, scope(at: owner), of: key) }
        }
    }

    /// Holds `amounts` in the parts at `place` of `heldParts`.
    @inline(never)
    mutating func reserveParts(
        at place: Int, _ amounts: borrowing SlotAmounts, madeIn made: CurrentWindows.Numbers
    ) {
        let parts = heldParts[place].indices
        for part in 0..<parts.count {
            scopes.usages[parts[part]].reserve(amounts, madeIn: made, &heldParts[place][endsAt: part])
        }
    }

    /// Settles the parts of `reservation`.
    ///
    /// - Parameters:
    ///   - amounts: what the other scopes settle.
    ///   - model: the model that was billed, which may be another one than was admitted; nil with `user` where nothing was.
    ///   - user: the user of the request.
    /// - Returns: the parts that count the usage. The others get back what was held.
    @inline(never)
    mutating func settleParts(
        of reservation: borrowing Reservation, _ outcome: LimitOutcome, _ amounts: borrowing SettledAmounts,
        _ model: String?, _ user: String?, at now: LimitTime
    ) -> PartIndices {
        let held = heldParts[reservation.parts]
        heldParts.remove(reservation.parts)
        var billed = ScopeTable.Indices(key: reservation.key, team: reservation.team)
        if user != nil { addParts(model, user, to: &billed, at: now) } else { billed.parts = held.indices }
        for place in 0..<held.indices.count {
            let part = held.indices[place]
            if billed.parts.contains(part) {
                scopes.usages[part].settle(amounts, held[endsAt: place])
            } else {
                scopes.usages[part].settle(SettledAmounts(reservation, .nothing), held[endsAt: place])
            }
        }
        for place in 0..<billed.parts.count where !held.indices.contains(billed.parts[place]) {
            let part = billed.parts[place]
            advance(part, at: now)
            scopes.usages[part].settle(
                SettledAmounts(withoutHoldOf: reservation, outcome), PerRateKind(repeating: 0))
        }
        return billed.parts
    }

    /// The owner of the scope at `index`, one of `indices`: itself, or the one that it is a part of.
    func owner(of index: Int, in indices: ScopeTable.Indices) -> (index: Int, part: LimitPart?) {
        let name = scopes.usages[index].name
        let part: LimitPart
        switch scopes.usages[index].kind {
        case .model: part = .model(name)
        case .user: part = .user(name)
        case .none, .key, .team, .account: return (index, nil)
        }
        let owner = [indices.key, indices.team].compactMap(\.self).first { scopes.parts(of: $0)?[part] == index }
        return (owner ?? ScopeTable.account, part)
    }

    /// The scope at `index`, which is no part, as reports name it.
    func scope(at index: Int) -> LimitScope {
        let usage = scopes.usages[index]
        return index == ScopeTable.account ? .account : usage.kind == .team ? .team(usage.name) : .key
    }
}
