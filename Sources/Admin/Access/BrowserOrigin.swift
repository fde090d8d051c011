import HTTP1

/// The check of requests that browsers send for pages of the web.
enum BrowserOrigin {
    /// Returns true for a request that no page of another site makes.
    ///
    /// A browser names the page's site in `origin` with every request that may change something (Fetch, section 3.2). It sends the
    /// request before it reads the response, so the change must be refused. Other clients have no `origin`.
    static func isOwn(_ fields: HeaderFields) -> Bool {
        let origins = fields.values("origin")
        guard let origin = origins.first else { return true }
        guard origins.count == 1, let host = fields.first("host") else { return false }
        let (site, own) = (fields.string(origin).lowercased(), fields.string(host).lowercased())
        return site == "http://\(own)" || site == "https://\(own)"
    }
}
