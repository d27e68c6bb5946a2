-- forecast_rnn 0.1.0: complain if the script is sourced in psql rather than through CREATE EXTENSION
\echo Use "CREATE EXTENSION forecast_rnn" to load this file. \quit

