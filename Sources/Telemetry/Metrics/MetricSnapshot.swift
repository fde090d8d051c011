import Bytes
import Clocks
import Metrics

/// One histogram with all its series at one moment, as it is sent.
package struct MetricSnapshot: Sendable {
    /// The values of one set of attributes.
    struct Series: Sendable {
        let attributes: Attributes
        let values: HistogramSnapshot
    }

    let name: StaticString
    let unit: StaticString
    let help: StaticString
    /// The factor of the values and the bounds.
    let scale: MetricScale
    let series: [Series]

    /// Appends the metric as JSON: sums since the start (`AGGREGATION_TEMPORALITY_CUMULATIVE`), so that a request that is lost
    /// loses no count.
    func write(since start: Timestamp, at now: Timestamp, to output: inout [UInt8]) {
        output.append(#"{"name":""#)
        output.append(name)
        output.append(#"","description":""#)
        output.append(help)
        output.append(#"","unit":""#)
        output.append(unit)
        output.append(#"","histogram":{"aggregationTemporality":2,"dataPoints":["#)
        output.append(list: series) { series, output in
            output.append(#"{"startTimeUnixNano":"#)
            output.appendQuoted(start.unixNanoseconds)
            output.append(#","timeUnixNano":"#)
            output.appendQuoted(now.unixNanoseconds)
            write(series, to: &output)
        }
        output.append("]}}")
    }

    private func write(_ series: Series, to output: inout [UInt8]) {
        output.append(#","attributes":["#)
        output.append(contentsOf: series.attributes.json)
        output.append(#"],"count":"#)
        output.appendQuoted(series.values.count)
        output.append(#","sum":"#)
        output.append(contentsOf: scale.text(series.values.sum).utf8)
        output.append(#","bucketCounts":["#)
        output.append(list: series.values.counts) { $1.appendQuoted($0) }
        output.append(#"],"explicitBounds":["#)
        output.append(list: series.values.bounds) { bound, output in output.append(contentsOf: scale.text(bound).utf8) }
        output.append("]}")
    }
}
