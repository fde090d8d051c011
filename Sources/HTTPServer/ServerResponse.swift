/// A whole response in memory, such as an error or a page.
package struct ServerResponse: Sendable {
    /// The HTTP status.
    package var status: Int
    /// Fields such as `content-type`. Those of the framing are added when the response is sent.
    package var fields: [(name: StaticString, value: String)]
    package var body: [UInt8]

    /// A response with `body`.
    package init(status: Int, fields: [(name: StaticString, value: String)], body: [UInt8]) {
        self.status = status
        self.fields = fields
        self.body = body
    }
}
