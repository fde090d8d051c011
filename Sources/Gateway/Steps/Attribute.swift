import HTTP1
import OpenAIAPI
import Policy

/// The configured places of sessions, as requests look for them.
struct SessionSources {
    /// Names of headers, in lower case.
    let headers: [(name: [UInt8], use: SessionSource.Use)]
    /// True where `metadata.user_id` of the Messages API is a tag instead of the user.
    let messagesUserIsTag: Bool

    init(_ sources: [SessionSource]) {
        headers = sources.filter { !$0.isInBody }.map { (Array($0.name.utf8), $0.use) }
        messagesUserIsTag = sources.contains { $0.isInBody && $0.use == .tag }
    }
}

/// The user and the tags of a request as the access log may have them. An object, since few requests have sessions.
final class LoggedNames {
    let user: String?
    let tags: [String]

    init(user: String?, tags: [String]) {
        self.user = user
        self.tags = tags
    }
}

extension RequestPipeline {
    /// Notes the user and the tags of the request, for the ledger.
    @inline(never)
    func attribute(_ endpoint: Endpoint) {
        let fields = exchange.head.fields
        details.tags = fields.tags
        let named = details.metadata?.user
        let isTag = endpoint == .messages && snapshot.sessions.messagesUserIsTag
        details.user = (isTag ? nil : named) ?? snapshot.user(named: fields)
        if isTag || !snapshot.sessions.headers.isEmpty {
            attributeSession(isTag ? named : nil, snapshot.sessions, fields)
        }
    }

    /// Adds what names the session. The access log does not have it.
    private func attributeSession(_ name: String?, _ sessions: SessionSources, _ fields: HeaderFields) {
        var tags = name.map { [$0] } ?? []
        var user = details.user
        for (header, use) in sessions.headers {
            guard let value = fields.first(configured: header), let name = UserName.cleaned(fields.string(value)) else {
                continue
            }
            switch use {
            case .tag: tags.append(name)
            case .user: user = user ?? name
            }
        }
        details.logged = LoggedNames(user: details.user, tags: details.tags)
        details.user = user
        // A comma would make two tags of one name.
        let names = tags.map { $0.replacing(",", with: ";") } + details.tags
        details.tags = UsageTags.cleaned(names.joined(separator: ","))
    }
}

extension GatewaySnapshot {
    /// The user that the configured header names.
    fileprivate func user(named fields: HeaderFields) -> String? {
        fields.first(configured: userHeader).flatMap { UserName.cleaned(fields.string($0)) }
    }
}

extension HeaderFields {
    /// The tags in `x-propylon-tags`.
    fileprivate var tags: [String] { first("x-propylon-tags").map { UsageTags.cleaned(string($0)) } ?? [] }
}
