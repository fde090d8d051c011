/// A request of an operation whose query and body have the form that the operation declares.
package struct AdminRequest: Sendable {
    /// The client.
    package var caller: AdminCaller
    /// The client's IP address.
    package var address: String
    /// The segments of the path that the client chose, decoded.
    package var path: [String: String] = [:]
    /// The parameters of the query, decoded.
    package var query: [String: String] = [:]
    /// The body; nil for an operation without one.
    package var body: AdminValue?
    /// The header `if-match`.
    package var ifMatch: String?
    /// The header `accept`.
    package var accept: String?

    /// A request of `caller` from `address`, without parameters.
    package init(caller: AdminCaller, address: String) {
        self.caller = caller
        self.address = address
    }

    /// The parameter `name` of the query as a whole number.
    package func integer(_ name: String) -> Int? { query[name].flatMap { Int($0) } }
}
