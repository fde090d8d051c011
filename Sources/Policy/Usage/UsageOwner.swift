/// The owners of usage, whose limits count it.
package struct UsageOwner: Sendable, Hashable {
    /// The public id of the key.
    package var keyID: String
    /// The team at the time of the requests; nil without one.
    package var team: String?
    /// The model that they used; nil where it is not known.
    package var model: String?
    /// The user that they named, empty without one; nil where it is not known.
    package var user: String?

    /// Usage of a key for a team, of which no more is known by default.
    package init(keyID: String, team: String?, model: String? = nil, user: String? = nil) {
        self.keyID = keyID
        self.team = team
        self.model = model
        self.user = user
    }

    /// The owners of the usage in `record`. Where nothing went upstream, the model is the one that was asked for.
    package init(_ record: borrowing UsageRecord) {
        self.init(
            keyID: record.keyID, team: record.team, model: record.modelServed ?? record.modelAsked,
            user: record.user ?? "")
    }
}
