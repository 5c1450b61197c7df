/**
 * DJL blocks for graphs of molecules: the message-passing encoder, heads, losses and metrics; for tokens of sequences: a
 * causal model, its loss and what it has to beat; and for χ(k) of scattering paths: surrogates of FEFF, and the first shell.
 *
 * <p>May import DJL and the packages below {@code batch}. {@code ai.djl.pytorch} is seen in
 * {@link dev.millrace.model.ScatterAdd} only.
 *
 * <p>Invariants: parameters are plain DJL parameters with stable names, so that {@code Model.save} and {@code load} work;
 * every intermediate array is attached to the manager of the batch, never to that of the model ({@code x.op(parameter)},
 * not {@code parameter.op(x)}); every result depends on a graph's own nodes and edges only, whatever else is in the batch.
 */
@NullMarked
package dev.millrace.model;

import org.jspecify.annotations.NullMarked;
