/// The declaration of one metric: the facts that do not change while the process runs.
///
/// `MetricRegistry.declarations` lists them all, so that a document of all metrics can be generated.
package struct MetricDeclaration: Hashable, Sendable {
    /// The kinds of metrics of the Prometheus text format, by their names there.
    package enum Kind: String, CaseIterable, Sendable {
        /// A number that only grows.
        case counter
        /// A number that rises and falls.
        case gauge
        /// The number of values in each of several ranges, and their sum.
        case histogram
    }

    /// The name, such as `propylon_requests_total`.
    package let name: String
    package let kind: Kind
    /// One sentence that says what the metric means.
    package let help: String
    /// The names of the labels, none to four.
    package let labels: [String]

    /// Checks the rules for names: https://prometheus.io/docs/concepts/data_model/#metric-names-and-labels
    ///
    /// A mistake here is one of the programmer, and ends the process at its start.
    init(_ kind: Kind, _ name: String, _ help: String, labels: [String]) {
        precondition(MetricName.isValid(name), "not a name of a metric: \(name)")
        precondition(kind != .counter || name.hasSuffix("_total"), "the name of a counter ends in _total: \(name)")
        precondition(labels.allSatisfy(MetricName.isValidLabel), "not names of labels: \(labels)")
        precondition(Set(labels).count == labels.count, "a label of \(name) is declared twice: \(labels)")
        self.kind = kind
        self.name = name
        self.help = help
        self.labels = labels
    }
}
