package geecache.simulation;

import java.util.List;
import java.util.Map;

/**
 * How a run ended.
 *
 * @param breaches the promises that were broken, and what showed it first
 * @param exercised how often each property could have been broken
 * @param nanos when it ended
 * @param fingerprint differs for runs that differ in any message or call
 * @param story what happened, if the plan is short
 */
record Outcome(
    Plan plan,
    Map<Property, Breach> breaches,
    Counts exercised,
    int operations,
    long nanos,
    long fingerprint,
    List<String> story) {}
