import Admin
import HTTPServer
import Policy
import Store

/// `/admin/v1/keys`: what `propylon keys` does, by the same service.
extension AdminServices {
    var keyRoutes: [AdminRoute] {
        let keys = "/admin/v1/keys"
        let one = "\(keys)/{id}"
        func changing(
            _ method: AdminOperation.Method, _ path: String, _ id: String, _ summary: String,
            body: AdminSchema? = nil, query: [AdminOperation.Parameter] = [], _ success: AdminOperation.Success,
            _ answer: @escaping AdminRoute.Answer
        ) -> AdminRoute {
            AdminRoute(
                AdminOperation(
                    method, path, needs: .changeKeys, id, summary, query: query, body: body,
                    takesVersion: path != keys, success), .blocking(.change, answer))
        }
        let issued = AdminOperation.Success("The key with its secret, shown only now.", KeyForms.issued)
        let changed = AdminOperation.Success("The changed key.", KeyForms.key)
        return [
            AdminRoute(
                AdminOperation(
                    .get, keys, needs: .readKeys, "listKeys", "Keys, the oldest first.", query: Self.listParameters,
                    .init("A page of keys.", KeyForms.page)), .blocking(.look, listKeys)),
            AdminRoute(
                AdminOperation(
                    .get, one, needs: .readKeys, "getKey", "One key, without its secret.",
                    .init("The key.", KeyForms.key)), .blocking(.look, showKey)),
            changing(
                .post, keys, "createKey", "Create a key.", body: KeyForms.new,
                .init("The key with its secret, shown only now.", status: 201, KeyForms.issued), createKey),
            changing(.patch, one, "updateKey", "Change a key.", body: KeyForms.changes, changed, updateKey),
            changing(.delete, one, "revokeKey", "End a key for good.", changed) { request throws(AdminProblem) in
                try change(request) { keys, id throws(KeyProblem) in try keys.revoke(id) }
            },
            changing(.post, "\(one)/rotate", "rotateKey", "New secret.", body: KeyForms.rotation, issued, rotateKey),
            changing(.post, "\(one)/suspend", "suspendKey", "Refuse a key until it is resumed.", changed) {
                request throws(AdminProblem) in
                try change(request) { keys, id throws(KeyProblem) in try keys.suspend(id) }
            },
            changing(.post, "\(one)/resume", "resumeKey", "Let a suspended key work again.", changed) {
                request throws(AdminProblem) in
                try change(request) { keys, id throws(KeyProblem) in try keys.resume(id) }
            },
            changing(
                .post, "\(one)/grants", "grant", "Raise limits of a key for a while.", body: KeyForms.grants, changed,
                grant),
            changing(
                .delete, "\(one)/grants", "endGrants", "End the grants of a limit.",
                query: [.init("limit", .choice(LimitKind.allCases.map(\.rawValue)), "The limit; without it all.")],
                changed, endGrants),
        ]
    }

    private static let listParameters: [AdminOperation.Parameter] = [
        .init("cursor", .text(1...80), "The `next_cursor` of the page before."),
        .init("limit", .integer(1...Int64(KeyForms.pageLimit)), "The most keys of a page; default: 100."),
        .init("team", .text(1...200), "Only keys of this team."),
        .init("tier", .text(1...200), "Only keys in this tier."),
        .init("state", .choice(KeyState.allCases.map(\.rawValue)), "Only keys in this state."),
        .init("name", .text(1...200), "Only keys with this text in their name, in any case of ASCII letters."),
        .init("expiring", .text(1...40), "Only keys that end until then: a duration as 30d, a date or a time."),
    ]

    // MARK: Reading

    @Sendable private func listKeys(_ request: AdminRequest) throws(AdminProblem) -> ServerResponse {
        var selection = KeySelection()
        (selection.team, selection.tier, selection.name) = (
            request.query["team"], request.query["tier"], request.query["name"]
        )
        if let state = KeyState(rawValue: request.query["state"] ?? "") {
            selection.state = KeySelection.State(state, at: time.now)
        }
        let service = try self.keys(for: request)
        if let text = request.query["expiring"] {
            do throws(KeyProblem) { selection.end = try service.rules.end(within: text) } catch {
                throw AdminProblem(error)
            }
        }
        let last = try request.query["cursor"].map(Self.place)
        let limit = request.integer("limit") ?? 100
        let keys: [KeyRecord]
        // One more than is shown tells whether there is another page.
        do throws(LedgerError) { keys = try service.store.page(selection, after: last, limit: limit + 1) } catch {
            throw AdminProblem(error)
        }
        let shown = keys.prefix(limit)
        let next = keys.count > limit ? shown.last.map(Self.cursor) : nil
        return .json(
            JSONText.object([
                ("keys", .array(shown.map(text.json))), ("next_cursor", .optional(next)),
            ]))
    }

    /// The cursor of the page after `key`.
    private static func cursor(_ key: KeyRecord) -> String { "\(key.createdAt.microseconds).\(key.id)" }

    private static func place(_ cursor: String) throws(AdminProblem) -> KeySelection.Place {
        let parts = cursor.split(separator: ".", maxSplits: 1)
        guard parts.count == 2, let microseconds = Int64(parts[0]) else {
            throw .invalid("is not the next_cursor of a page", param: "cursor")
        }
        return .init(createdAt: .init(microseconds: microseconds), id: String(parts[1]))
    }

    @Sendable private func showKey(_ request: AdminRequest) throws(AdminProblem) -> ServerResponse {
        show(try reading(request) { keys throws(KeyProblem) in try keys.find(request.id) })
    }

    private var text: KeyText { KeyText(timeText, at: time.now) }

    private func show(_ key: KeyRecord) -> ServerResponse { .json(text.json(key), version: key.version) }

    // MARK: Changing

    private func change(
        _ request: AdminRequest, _ body: (KeyService, String) throws(KeyProblem) -> KeyRecord
    ) throws(AdminProblem) -> ServerResponse {
        show(try changing(request) { keys throws(KeyProblem) in try body(keys, request.id) })
    }

    @Sendable private func createKey(_ request: AdminRequest) throws(AdminProblem) -> ServerResponse {
        let issued = try changing(request) { keys throws(KeyProblem) in
            let changes = try KeyBody(request.body).changes(keys.rules)
            var draft = KeyService.Draft(name: changes.name ?? "", changes)
            draft.team = draft.team ?? request.caller.scope.team
            return try keys.create(draft)
        }
        return .json(text.json(issued), status: 201, version: issued.record.version)
    }

    @Sendable private func updateKey(_ request: AdminRequest) throws(AdminProblem) -> ServerResponse {
        try change(request) { keys, id throws(KeyProblem) in
            try keys.update(id, KeyBody(request.body).changes(keys.rules))
        }
    }

    @Sendable private func rotateKey(_ request: AdminRequest) throws(AdminProblem) -> ServerResponse {
        let issued = try changing(request) { keys throws(KeyProblem) in
            try keys.rotate(request.id, grace: keys.rules.grace(request.body?["grace"]?.text ?? "24h"))
        }
        return .json(text.json(issued), version: issued.record.version)
    }

    @Sendable private func grant(_ request: AdminRequest) throws(AdminProblem) -> ServerResponse {
        try change(request) { keys, id throws(KeyProblem) in
            try keys.grant(id, KeyBody(request.body).limits, until: request.body?["until"]?.text)
        }
    }

    @Sendable private func endGrants(_ request: AdminRequest) throws(AdminProblem) -> ServerResponse {
        try change(request) { keys, id throws(KeyProblem) in
            var ended: [LimitArgument] = []
            for name in request.query["limit"].map({ [$0] }) ?? LimitKind.allCases.map(\.rawValue) {
                ended.append(try LimitArgument(name, "none"))
            }
            return try keys.grant(id, ended, until: nil)
        }
    }
}

/// The body of a request about a key, which has the form of its operation.
private struct KeyBody {
    private let body: AdminValue

    init(_ body: AdminValue?) { self.body = body ?? .object([:]) }

    /// The changes that the body says.
    func changes(_ rules: KeyRules) throws(KeyProblem) -> KeyChanges {
        var changes = KeyChanges()
        changes.name = body["name"]?.text
        if let tier = body["tier"]?.text { changes.tier = try rules.tier(tier) }
        if let team = body["team"] { changes.team = .setting(try rules.team(team.text ?? "")) }
        if let models = body["models"] { changes.models = .setting(KeyRules.models(models.texts ?? [])) }
        if let end = body["expires_at"] { changes.expiresAt = .setting(try rules.expiry(end.text ?? "never")) }
        changes.limits = try LimitArgument.limits(limits).mapValues { .setting($0) }
        return changes
    }

    /// The member `limits`, in the order of names.
    var limits: [LimitArgument] {
        get throws(KeyProblem) {
            guard case .object(let members) = body["limits"] else { return [] }
            var limits: [LimitArgument] = []
            for (name, value) in members.sorted(by: { $0.key < $1.key }) {
                switch value {
                case .integer(let number): limits.append(try LimitArgument(name, String(number)))
                default: limits.append(try LimitArgument(name, value.text ?? "none"))
                }
            }
            return limits
        }
    }
}

extension AdminRequest {
    /// The segment `{id}` of the path: an id or a name.
    fileprivate var id: String { path["id"] ?? "" }
}

extension ServerResponse {
    /// A response with `json`, and with the version of what it shows as `etag`.
    static func json(_ json: JSONText, status: Int = 200, version: Int64? = nil) -> ServerResponse {
        var response = ServerResponse.json(Array((json.text + "\n").utf8), status: status)
        if let version { response.fields.append(("etag", "\"\(version)\"")) }
        return response
    }
}
