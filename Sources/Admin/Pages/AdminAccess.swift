/// The conditions under which the admin listener answers. A reload replaces them as a whole.
package struct AdminAccess: Sendable {
    let token: AdminToken?
    let hosts: AdminHosts

    /// - Parameters:
    ///   - token: The bearer token that all pages but the health pages require; nil for none.
    ///   - listen: The host of the listener's address, without brackets.
    ///   - hosts: Further hosts by which clients may call it, in lower case and without brackets.
    package init(token: String?, listen: String, hosts: [String]) {
        self.token = token.map(AdminToken.init)
        self.hosts = AdminHosts(listen: listen, further: hosts)
    }
}
