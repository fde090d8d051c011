/// A part of a request by which a program names its session or its user, and the use that reports make of it.
package struct SessionSource: Sendable, Equatable {
    /// The use of the name.
    package enum Use: String, Sendable, CaseIterable {
        /// A tag, in addition to those that the client sends.
        case tag
        /// The user, where the client names none.
        case user
    }

    /// The name of a header, in lower case, or `metadata.user_id`.
    package let name: String
    /// The use of its value.
    package let use: Use

    /// The source `name`.
    package init(name: String, use: Use) {
        self.name = name
        self.use = use
    }

    /// True for `metadata.user_id` in bodies of the Messages API, which is no header. It is the user unless it is to be a tag.
    package var isInBody: Bool { name == "metadata.user_id" }
}
