package dev.millrace.pcqm;

/** What became of one record of the input. */
sealed interface PcqmEntry permits PcqmMolecule, PcqmReject {
    /** Its number in the input, from 0. */
    long record();
}
