"""The studies: one file a question. A study reads results and makes its tables and figures; it never steps a model.

python -m experiments                 what there is
python -m experiments run e02         run its configs, then read them (--quick for a small size)
python -m experiments run all         all of them; what is done is kept, what was stopped goes on
"""
