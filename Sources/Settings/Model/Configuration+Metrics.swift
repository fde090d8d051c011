extension Configuration {
    /// The series of metrics.
    package struct Metrics: Sendable, Equatable {
        /// `models`
        package var models = 1000
        /// `keys`: 0 for none.
        package var keys = 0

        static var members: [Member<Metrics>] {
            [
                Member(
                    \.models, "models", .integer(1...100_000),
                    "Models that have series of their own. Clients name models: further ones are `other`.",
                    takesEffect: .restart),
                Member(
                    \.keys, "keys", .integer(0...100_000),
                    "Keys that have series of their own, in `propylon_key_…`; further ones are `other`. With `0` no key has any.",
                    takesEffect: .restart),
            ]
        }
    }
}
