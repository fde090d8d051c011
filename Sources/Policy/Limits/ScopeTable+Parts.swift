import Bytes

/// The parts of a scope, as indices of `ScopeTable.usages`.
struct ScopeParts: Sendable {
    /// By the names of the entries in `per_model`.
    var models: [String: Int] = [:]
    /// By the names of users.
    var users: [String: Int] = [:]
    /// The model and the user of the last request, and their parts. Most keys send the same names again and again, and to look a
    /// name up costs more than to count.
    var lastModel = Last()
    var lastUser = Last()
    /// The monotonic microsecond at which unused users were last looked for.
    var sweptAt = Int64.min

    /// A name and its part; no index where nothing is known.
    struct Last: Sendable {
        private var name = ""
        private var index = -1

        /// The part for `name`; nil where another name was the last.
        func part(for name: String) -> Int? { index >= 0 && self.name == name ? index : nil }

        /// Remembers that `name` has the part at `index`. Long names are not worth the memory.
        mutating func remember(_ name: String, _ index: Int) {
            if name.utf8.count <= 64 { (self.name, self.index) = (name, index) }
        }

        mutating func forget() { self = Last() }
    }

    /// The index of `part`; nil where it was never used.
    subscript(part: LimitPart) -> Int? {
        switch part {
        case .model(let name): models[name]
        case .user(let name): users[name]
        }
    }
}

extension ScopeTable {
    /// The most users of all scopes together that are counted by themselves: about 50 MB.
    private static let mostUsers = 100_000
    /// The least time between two searches for unused users of a scope, in microseconds.
    private static let sweepInterval: Int64 = 1_000_000

    /// Finds or makes the part of the scope at `owner` for `model`; nil where its limits for parts, `limits`, have none for it.
    mutating func index(ofModel model: String, _ limits: PartLimits, in owner: Int) -> Int? {
        let place = placeOfParts(of: owner)
        if let index = parts[place].lastModel.part(for: model) { return index }
        guard let entry = limits.entry(for: model) else { return nil }
        let index = index(of: entry, in: owner)
        parts[place].lastModel.remember(model, index)
        return index
    }

    /// Finds or makes the part of the scope at `owner` for the models of `entry`.
    mutating func index(of entry: PartLimits.Entry, in owner: Int) -> Int {
        let place = placeOfParts(of: owner)
        if let index = parts[place].models[entry.name] { return index }
        let index = insert(ScopeUsage(name: entry.name, kind: .model, limits: entry.limits))
        parts[place].models[entry.name] = index
        return index
    }

    /// Finds or makes the part of the scope at `owner` for the user `name`, who has `limits`; nil without room for another one.
    mutating func index(ofUser name: String, _ limits: TierLimits, in owner: Int) -> Int? {
        let place = placeOfParts(of: owner)
        if let index = parts[place].lastUser.part(for: name) { return index }
        if let index = parts[place].users[name] {
            parts[place].lastUser.remember(name, index)
            return index
        }
        guard Self.isLasting(name) || parts[place].users.count < mostUsersOfScope && userCount < Self.mostUsers else {
            return nil
        }
        return insertUser(name, limits, inPartsAt: place)
    }

    /// Finds or makes the part of the scope at `owner` for all users beyond the bounds.
    mutating func index(ofOtherUsers limits: TierLimits, in owner: Int) -> Int {
        let place = placeOfParts(of: owner)
        return parts[place].users[ClientWord.other] ?? insertUser(ClientWord.other, limits, inPartsAt: place)
    }

    private mutating func insertUser(_ name: String, _ limits: TierLimits, inPartsAt place: Int) -> Int {
        let index = insert(ScopeUsage(name: name, kind: .user, limits: limits))
        parts[place].users[name] = index
        userCount += 1
        return index
    }

    /// Gives the scope at `owner` the limits `limits`, and its parts theirs. Their buckets drain at the old ones until `moment`, a
    /// monotonic microsecond.
    mutating func setLimits(_ limits: TierLimits?, at owner: Int, drainingTo moment: Int64) {
        let former = usages[owner].limits
        usages[owner].limits = limits
        guard former?.parts !== limits?.parts, let parts = parts(of: owner) else { return }
        self.parts[placeOfParts(of: owner)].lastModel.forget()
        for (name, index) in parts.models { setLimits(limits?.parts?[name]?.limits, ofPartAt: index, moment) }
        for index in parts.users.values { setLimits(limits?.parts?.user, ofPartAt: index, moment) }
    }

    private mutating func setLimits(_ limits: TierLimits?, ofPartAt index: Int, _ moment: Int64) {
        usages[index].drain(to: moment)
        usages[index].limits = limits
    }

    /// The parts of the scope at `owner`; nil where it never had any.
    func parts(of owner: Int) -> ScopeParts? {
        let place = usages[owner].placeOfParts
        return place < 0 ? nil : parts[Int(place)]
    }

    /// Removes the users of all scopes who use nothing of their limits, in the windows numbered `current`. Only requests in flight
    /// and batches may hold indices.
    mutating func removeUnusedUsers(_ current: CurrentWindows.Numbers, at now: LimitTime) {
        guard userCount > 0 else { return }
        for place in parts.indices { removeUnusedUsers(inPartsAt: place, current, at: now) }
    }

    /// The same for those of the scope at `owner`, at most once a second.
    mutating func removeUnusedUsers(of owner: Int, _ current: CurrentWindows.Numbers, at now: LimitTime) {
        let place = placeOfParts(of: owner)
        guard now.monotonic >= parts[place].sweptAt.addingSaturated(Self.sweepInterval) else { return }
        removeUnusedUsers(inPartsAt: place, current, at: now)
    }

    private mutating func removeUnusedUsers(
        inPartsAt place: Int, _ current: CurrentWindows.Numbers, at now: LimitTime
    ) {
        parts[place].sweptAt = now.monotonic
        parts[place].lastUser.forget()
        for (name, index) in parts[place].users where !Self.isLasting(name) {
            usages[index].drain(to: now.monotonic)
            guard usages[index].isUnused(in: current) else { continue }
            parts[place].users[name] = nil
            usages[index] = ScopeUsage(name: "", kind: .none)
            free.append(index)
            userCount -= 1
        }
    }

    private mutating func placeOfParts(of owner: Int) -> Int {
        if usages[owner].placeOfParts < 0 {
            usages[owner].placeOfParts = Int32(clamping: parts.count)
            parts.append(ScopeParts())
        }
        return Int(usages[owner].placeOfParts)
    }

    /// Returns true for the users that always have room and stay. Batches hold amounts of the one without a name.
    private static func isLasting(_ name: String) -> Bool { name.isEmpty || name == ClientWord.other }
}
