"""The job by a program outside the server: psycopg2, PyTorch, INSERT.  Arguments: updates, batch size, rate, seed, threads."""
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import psycopg2
import psycopg2.extras
from forecaster import train_and_forecast

updates, batch_size, rate, seed, threads = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5])
connection = psycopg2.connect("")
with connection, connection.cursor() as cursor:
    cursor.execute("SELECT extract(epoch FROM ts)::bigint, mw FROM pjm WHERE ts < '2018-08-01'")
    rows = cursor.fetchall()
    cursor.execute("SELECT extract(epoch FROM timestamp '2017-08-01')::bigint")
    origin = cursor.fetchone()[0]
    out = train_and_forecast(rows, origin, 365, updates, batch_size, rate, seed, threads)
    psycopg2.extras.execute_values(cursor, "INSERT INTO job_forecast (way, ts, value) VALUES %s", out,
                                   template="('outside', timestamp 'epoch' + %s * interval '1 second', %s)", page_size=1000)
